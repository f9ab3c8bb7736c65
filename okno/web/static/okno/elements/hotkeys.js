// <okno-hotkeys>: keys of the page, by their place on the board (event.code), so any layout works.
// Every element with data-key is pressed by its key: "KeyN", "Ctrl+Enter", "KeyG KeyZ" (one after the other).
// `?` shows the sheet of keys. Single letters are silent in fields and when <body data-hotkeys="off">.
import { isTyping, send, word } from "./page.js";
import { undoLast } from "./toast.js";

const PATIENCE = 1200;

function combination(event) {
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : ""];
  const code = event.code === "NumpadEnter" ? "Enter" : event.code.replace(/^Numpad(?=\d$)/, "Digit");
  return [...held.filter(Boolean), code].join("+");
}

function readable(keys) {
  return keys.split(" ").map((step) => step.replace(/Key|Digit/g, "").replace("Slash", "/")).join(" ");
}

customElements.define("okno-hotkeys", class extends HTMLElement {
  #before = "";
  #timer;

  connectedCallback() {
    this.listen = (event) => this.#pressed(event);
    document.addEventListener("keydown", this.listen);
    document.querySelector("[data-hotkeys-switch]")?.addEventListener("change", (event) => this.#switch(event.target.checked));
    document.querySelector("#keys")?.addEventListener("okno:open", () => this.#describe());
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listen);
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.repeat || !event.code) return;
    const keys = combination(event);
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const letter = plain && /^(Shift\+)?(Key|Digit|Slash|Period|Comma|Space|Enter)/.test(keys);
    if (letter && (isTyping(event.target) || document.body.dataset.hotkeys === "off")) return;
    const sequence = this.#before ? `${this.#before} ${keys}` : "";
    clearTimeout(this.#timer);
    this.#before = "";
    if (this.#run(sequence, event) || this.#run(keys, event)) event.preventDefault();
    else if (letter && this.#startsSequence(keys)) {
      this.#before = keys;
      this.#timer = setTimeout(() => (this.#before = ""), PATIENCE);
    }
  }

  #layer() {
    const open = [...document.querySelectorAll("dialog[open]")];
    return open.at(-1) ?? document;
  }

  #startsSequence(keys) {
    return Boolean(document.querySelector(`[data-key^="${keys} "]`));
  }

  #run(keys, event) {
    if (!keys) return false;
    const layer = this.#layer();
    // Enter on a link or a button is the browser's own.
    if (keys === "Enter" && event.target.closest?.("a, button, summary, [role=option]")) return false;
    const target = [...layer.querySelectorAll(`[data-key~="${keys.split(" ")[0]}"]`)].find(
      (element) => element.dataset.key === keys && !element.disabled && element.checkVisibility(),
    );
    if (target) return press(target);
    if (keys === "Ctrl+Enter" || keys === "Ctrl+Shift+Enter") return this.#submit(event.target, keys);
    if (layer !== document) return false;
    if (keys === "Ctrl+KeyK" || keys === "Slash") return this.#search();
    if (keys === "Ctrl+KeyZ" && !isTyping(event.target)) return undoLast();
    if (keys === "Shift+Slash" || keys === "Shift+Digit7") return this.#sheet(event);
    return false;
  }

  // On the Russian layout the question mark stands on Shift+7; on the Latin one that is "&".
  #sheet(event) {
    if (event.key !== "?") return false;
    document.querySelector('[data-open="#keys"]')?.click();
    return true;
  }

  #search() {
    const box = document.querySelector("okno-omnibox");
    box?.focusInput();
    return Boolean(box);
  }

  #submit(target, keys) {
    const form = target.closest?.("form") ?? this.#layer().querySelector("form[data-main]");
    if (!form) return false;
    const next = keys === "Ctrl+Shift+Enter" ? form.querySelector("[data-next]") : null;
    form.requestSubmit(next ?? undefined);
    return true;
  }

  #describe() {
    const list = document.querySelector("[data-page-keys]");
    const rows = [...document.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility());
    list.replaceChildren(...rows.map((element) => {
      const row = document.createElement("li");
      const key = document.createElement("span");
      key.className = "key";
      key.textContent = readable(element.dataset.key);
      row.append(named(element), key);
      return row;
    }));
    document.querySelector("[data-here]").hidden = rows.length === 0;
  }

  #switch(on) {
    document.body.dataset.hotkeys = on ? "on" : "off";
    const body = new URLSearchParams({ hotkeys: on ? "1" : "0" });
    send("/me/appearance/", { method: "POST", body }).catch(() => word("offline"));
  }
});

function named(element) {
  if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
  const words = element.cloneNode(true);
  words.querySelectorAll(".key, .rail-count, .tab-count, .chip-count").forEach((aside) => aside.remove());
  return words.textContent.trim() || element.name || "";
}

function press(target) {
  if (target.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select")) target.focus();
  else target.click();
  return true;
}
