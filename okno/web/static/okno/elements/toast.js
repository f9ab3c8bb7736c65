// <okno-toast>: short messages at the bottom. toast(text, {undo, tone}) shows one; `undo` is an address that
// takes the deed back (POST), offered for eight seconds by a button and Ctrl+Z. Durable results go on pages.
import { send, word } from "./page.js";

const UNDO_FOR = 8000;
const READ_FOR = 6000;
let last = null;

/** Show a message. An error stays until it is closed. */
export function toast(text, { undo = "", tone = "" } = {}) {
  document.querySelector("okno-toast")?.show(text, { undo, tone });
}

/** Take the last deed back, if it is still offered. */
export function undoLast() {
  if (!last) return false;
  last.click();
  return true;
}

customElements.define("okno-toast", class extends HTMLElement {
  connectedCallback() {
    this.querySelectorAll("template").forEach((told) => {
      this.show(told.content.textContent.trim(), { tone: told.dataset.tone });
      told.remove();
    });
  }

  show(text, { undo, tone }) {
    const line = document.createElement("div");
    line.className = "toast";
    if (tone) line.dataset.tone = tone;
    const said = document.createElement("span");
    said.textContent = text;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = undo ? word("undo") : word("hide");
    line.append(said, button);
    const leave = () => {
      if (last === button) last = null;
      line.remove();
    };
    button.addEventListener("click", () => {
      leave();
      if (undo) this.#takeBack(undo);
    });
    if (undo) last = button;
    this.append(line);
    this.#raise();
    if (tone !== "late") this.#fade(line, leave, undo ? UNDO_FOR : READ_FOR);
  }

  // Shown anew, the layer of messages comes above a dialog opened since.
  #raise() {
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover();
  }

  // Time stands still while the pointer or the focus is on the message.
  #fade(line, leave, patience) {
    let timer = setTimeout(leave, patience);
    const hold = () => clearTimeout(timer);
    const go = () => (timer = setTimeout(leave, patience));
    line.addEventListener("pointerenter", hold);
    line.addEventListener("pointerleave", go);
    line.addEventListener("focusin", hold);
    line.addEventListener("focusout", go);
  }

  async #takeBack(url) {
    try {
      const answer = await send(url, { method: "POST" });
      if (answer.headers.get("HX-Refresh")) location.reload();
      else document.querySelectorAll("[data-live]").forEach((part) => htmx.trigger(part, "okno:signal"));
    } catch {
      toast(word("offline"), { tone: "late" });
    }
  }
});
