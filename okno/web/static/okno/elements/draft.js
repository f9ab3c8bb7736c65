// <okno-draft form="case-note" object="17" title="…">: keeps the words of the <form> inside it.
// 1.5 s after the last key to PUT /drafts/<form>/<object>/ (and to localStorage when the server is not
// reached); puts them back when the page opens; forgets them when the form is sent.
import { clockTime, send, word } from "./page.js";

const PAUSE = 1500;
const SECRET = "input[type=password], input[type=file], input[type=hidden], [data-no-draft]";

customElements.define("okno-draft", class extends HTMLElement {
  #timer;
  #sent = false;

  connectedCallback() {
    this.form = this.querySelector("form") ?? this.closest("form");
    this.url = `/drafts/${this.getAttribute("form")}/${this.getAttribute("object") || "new"}/`;
    this.note = this.querySelector("[data-note]");
    this.form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.save(), PAUSE);
    });
    this.form.addEventListener("submit", () => this.#forget());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("online", () => localStorage.getItem(this.url) && this.save());
    this.#restore();
  }

  disconnectedCallback() {
    this.#leave();
  }

  #fields() {
    const kept = {};
    for (const field of this.form.elements) {
      if (!field.name || field.matches(SECRET) || field.tagName === "BUTTON") continue;
      if ((field.type === "checkbox" || field.type === "radio") && !field.checked) continue;
      (kept[field.name] ??= []).push(field.value);
    }
    return kept;
  }

  #body() {
    const title = this.getAttribute("title") || document.title;
    return JSON.stringify({ title, url: location.pathname + location.search, fields: this.#fields() });
  }

  async save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const body = this.#body();
    try {
      await send(this.url, { method: "PUT", body, headers: { "Content-Type": "application/json" } });
      localStorage.removeItem(this.url);
      this.#say(`${word("draft")} ${clockTime()}`);
    } catch {
      localStorage.setItem(this.url, body);
      this.#say(word("draftLocal"));
    }
  }

  async #restore() {
    let kept = localStorage.getItem(this.url);
    let when = "";
    try {
      kept = kept ? JSON.parse(kept) : await (await send(this.url)).json();
      when = kept.saved_at ? clockTime(new Date(kept.saved_at)) : "";
    } catch {
      return; // No draft, or the server is away: the form is as the page gave it.
    }
    if (!kept.fields || this.form.querySelector('[aria-invalid="true"]')) return;
    let changed = false;
    for (const field of this.form.elements) {
      const values = kept.fields[field.name];
      if (!values || field.matches(SECRET)) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.value !== values[0]) {
        field.value = values[0];
        changed = true;
      }
    }
    if (changed) this.#say(`${word("restored")} ${when}`);
  }

  #leave() {
    if (!this.#timer || this.#sent) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    localStorage.setItem(this.url, this.#body());
    send(this.url, { method: "PUT", body: this.#body(), headers: { "Content-Type": "application/json" } })
      .then(() => localStorage.removeItem(this.url), () => {});
  }

  // The server drops its copy when the form is accepted; a refused form comes back with its own words.
  #forget() {
    this.#sent = true;
    clearTimeout(this.#timer);
    localStorage.removeItem(this.url);
    fetch(this.url, { method: "DELETE", keepalive: true, headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content ?? "" } }).catch(() => {});
  }

  #say(text) {
    if (this.note) this.note.textContent = text;
  }
});
