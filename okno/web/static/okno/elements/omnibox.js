// <okno-omnibox url="/search/">: one box for objects and actions.
// Holds a search <form> (works without scripts) and a listbox. Ctrl+K and / focus it. The server answers
// `url?q=…` with rows `<a role="option" id=…>`; the first row is chosen beforehand; arrows, Enter, Esc.
import { send } from "./page.js";

const PAUSE = 120;

customElements.define("okno-omnibox", class extends HTMLElement {
  #timer;
  #asked = 0;

  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector('[role="listbox"]');
    this.input.addEventListener("input", () => this.#later());
    this.input.addEventListener("focus", () => this.#later());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget)) this.close();
    });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.querySelector("form").addEventListener("submit", (event) => {
      const chosen = this.#chosen();
      if (chosen) {
        event.preventDefault();
        this.#open(chosen);
      }
    });
  }

  focusInput() {
    this.input.focus();
    this.input.select();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    const number = ++this.#asked;
    const address = `${this.getAttribute("url")}?${new URLSearchParams({ q: this.input.value })}`;
    let html;
    try {
      html = await (await send(address, { headers: { "HX-Request": "true" } })).text();
    } catch {
      return; // The box stays an ordinary form: Enter opens the page of the search.
    }
    if (number !== this.#asked || document.activeElement !== this.input) return;
    this.list.innerHTML = html;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    if (this.input.value.trim()) this.#choose(this.#rows()[0]);
  }

  #rows() {
    return [...this.list.querySelectorAll('[role="option"]')];
  }

  #chosen() {
    return this.list.hidden ? null : this.list.querySelector('[aria-selected="true"]');
  }

  #choose(row) {
    this.#rows().forEach((other) => other.setAttribute("aria-selected", String(other === row)));
    if (!row) return;
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  #open(row) {
    this.close();
    this.input.blur();
    row.click();
  }

  #key(event) {
    const rows = this.#rows();
    const at = rows.indexOf(this.#chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.#ask();
      else if (rows.length) this.#choose(rows[(at + (event.key === "ArrowDown" ? 1 : rows.length - (at < 0 ? 0 : 1))) % rows.length]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.list.hidden) this.input.blur();
      else this.close();
    }
  }
});
