"""How the style sheet and the icon sprite are made out of their sources.

`python -m okno.web.frontend` builds `static/okno/okno.css` with the Tailwind program that comes in a
wheel; `python -m okno.web.frontend icons FOLDER` draws the sprite anew out of an unpacked
`lucide-static` package. Called by `make install` and by whoever builds the wheel, never at run time.
"""
