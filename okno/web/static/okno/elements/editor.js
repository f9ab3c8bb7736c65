// <okno-editor line="12">: a text with its line numbers. [data-line="12"] anywhere puts the cursor there; Tab indents
// by two spaces, Escape lets the next Tab leave the text.
customElements.define("okno-editor", class extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea");
    this.lines = this.querySelector("[data-lines]");
    this.text.addEventListener("input", () => this.#number());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.leaving = true;
      if (event.key !== "Tab" || this.leaving || this.text.readOnly || event.shiftKey) return;
      event.preventDefault();
      this.text.setRangeText("  ", this.text.selectionStart, this.text.selectionEnd, "end");
      this.text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    this.text.addEventListener("focus", () => { this.leaving = false; });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-line]");
      if (button) this.#go(Number(button.dataset.line));
    });
    this.#number();
    const line = Number(this.getAttribute("line"));
    if (line > 1) this.#go(line);
  }

  #number() {
    const count = this.text.value.split("\n").length;
    if (count !== this.count) this.lines.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n");
    this.count = count;
    this.text.rows = count;
  }

  #go(line) {
    const before = this.text.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, one) => sum + one.length + 1, 0);
    const end = this.text.value.indexOf("\n", start);
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(start, end < 0 ? this.text.value.length : end);
    const tall = parseFloat(getComputedStyle(this.text).lineHeight);
    this.scrollTop = Math.max(0, (line - 1) * tall - this.clientHeight / 2);
    this.scrollIntoView({ block: "nearest" });
  }
});
