"""Paper: the bill a resident gets in the letterbox, the statement of an account, and the codes by which they are paid.

What a page says is gathered from the ledger (`gathering`), kept as plain data (`contents`), put into words of the
country (`layout`, `words`) and set in type by typst in a process apart (`press`). Payment codes are pure (`codes`).
Nothing here moves money; a page never shows a sum that does not foot.
"""
