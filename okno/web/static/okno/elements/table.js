// <okno-table>: a declared list. Holds <table> whose rows are <tr data-row="ID" data-amount="minor">.
// J/K move, Enter opens, X marks, Shift+X marks up to here, Ctrl+A all shown; the bar [data-bulk] shows how many
// and their sum. Marks survive "ещё" (rows appended by htmx). "Выбрать все по фильтру" sets all=1 in the bar's form.
// Columns and density are buttons of the toolbar: [data-density], and links of the columns menu.
import { isTyping } from "./page.js";

customElements.define("okno-table", class extends HTMLElement {
  #last = null;

  connectedCallback() {
    this.bar = this.querySelector("[data-bulk]");
    this.picked = new Set();
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("change", (event) => this.#changed(event));
    this.listen = (event) => this.#key(event);
    document.addEventListener("keydown", this.listen);
    this.addEventListener("htmx:afterSwap", () => this.#show());
    this.querySelectorAll("[data-density]").forEach((button) => button.addEventListener("click", () => density(button.dataset.density)));
    // Ends of a range are asked for together, by the button: the list is not drawn anew after the first of them.
    this.querySelectorAll("form .menu-form").forEach((menu) => menu.addEventListener("change", (event) => event.stopPropagation()));
    this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listen);
  }

  #rows() {
    return [...this.querySelectorAll("tr[data-row]")];
  }

  #clicked(event) {
    const box = event.target.closest("input[data-pick]");
    if (box && event.shiftKey) this.#range(box.closest("tr"), box.checked);
    if (event.target.closest("[data-all]")) this.#all(true);
    if (event.target.closest("[data-none]")) this.#none();
    const row = event.target.closest("tr[data-row]");
    if (row && !event.target.closest("a, button, input, label, summary") && !String(getSelection())) this.#cursor(row);
  }

  #changed(event) {
    const box = event.target;
    if (box.matches("[data-pick-all]")) this.#rows().forEach((row) => this.#mark(row, box.checked));
    else if (box.matches("[data-pick]")) {
      this.#mark(box.closest("tr"), box.checked);
      this.#last = box.closest("tr");
    } else return;
    this.#all(false);
    this.#show();
  }

  #mark(row, on) {
    if (on) this.picked.add(row.dataset.row);
    else this.picked.delete(row.dataset.row);
  }

  #range(row, on) {
    const rows = this.#rows();
    const [from, to] = [rows.indexOf(this.#last ?? row), rows.indexOf(row)].sort((a, b) => a - b);
    rows.slice(Math.max(from, 0), to + 1).forEach((one) => this.#mark(one, on));
    this.#show();
  }

  #none() {
    this.picked.clear();
    this.#all(false);
    this.#show();
  }

  // The whole selection of the filter, shown or not: the server counts it anew when the deed is done.
  #all(on) {
    if (!this.bar) return;
    this.bar.querySelector("input[name=all]").value = on ? "1" : "";
    this.bar.toggleAttribute("data-whole", on);
    if (on) {
      this.bar.querySelector("[data-count]").textContent = this.bar.dataset.total;
      this.bar.querySelector("[data-sum]").textContent = this.bar.dataset.totalSum || "";
    }
  }

  #show() {
    let sum = 0;
    for (const row of this.#rows()) {
      const on = this.picked.has(row.dataset.row);
      row.setAttribute("aria-selected", String(on));
      const box = row.querySelector("input[data-pick]");
      if (box) box.checked = on;
      if (on) sum += Number(row.dataset.amount || 0);
    }
    const all = this.querySelector("[data-pick-all]");
    if (all) {
      all.checked = this.picked.size > 0 && this.picked.size >= this.#rows().length;
      all.indeterminate = this.picked.size > 0 && !all.checked;
    }
    if (!this.bar) return;
    this.bar.hidden = this.picked.size === 0;
    this.bar.querySelector("input[name=ids]").value = [...this.picked].join(",");
    this.bar.querySelector("[data-count]").textContent = this.picked.size.toLocaleString(document.documentElement.lang);
    this.bar.querySelector("[data-sum]").textContent = this.dataset.currency && sum ? money(sum, this.dataset.currency) : "";
  }

  #cursor(row) {
    this.querySelectorAll("tr[data-cursor]").forEach((one) => one.removeAttribute("data-cursor"));
    if (!row) return;
    row.dataset.cursor = "";
    row.scrollIntoView({ block: "nearest" });
    (row.querySelector("a.row-link") ?? row.querySelector("a, input"))?.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.defaultPrevented || isTyping(event.target) || document.body.dataset.hotkeys === "off") return;
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = this.#rows();
    const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
    if (event.code === "KeyJ" || event.code === "KeyK") {
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.code === "KeyJ" ? 1 : -1)))];
      this.#cursor(next);
    } else if (event.code === "KeyX" && at >= 0 && this.bar) {
      if (event.shiftKey) this.#range(rows[at], true);
      else this.#mark(rows[at], !this.picked.has(rows[at].dataset.row));
      this.#last = rows[at];
      this.#all(false);
      this.#show();
    } else return;
    event.preventDefault();
  }
});

function money(minor, currency) {
  return new Intl.NumberFormat(document.documentElement.lang || "ru", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(minor / 100);
}

function density(name) {
  document.documentElement.dataset.density = name;
  localStorage.setItem("okno-density", name);
}
const kept = localStorage.getItem("okno-density");
if (kept) document.documentElement.dataset.density = kept;
