// [data-insert="{debt}"]: a press puts the words at the cursor of the field written in last, and the page hears of it.
let last = null;

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-takes-words]")) last = event.target;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const field = last?.isConnected ? last : document.querySelector("textarea[data-takes-words]");
  if (!field) return;
  field.focus();
  field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
