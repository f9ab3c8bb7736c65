// <okno-progress url="/jobs/17/progress/">: a bar of a long job. Asks `url` for
// {done, total, text, label, finished, location} every 1.5 s (5 s in a hidden tab) until finished; then follows
// `location`, or tells the page by the event okno:finished.
import { send } from "./page.js";

customElements.define("okno-progress", class extends HTMLElement {
  connectedCallback() {
    this.bar = this.querySelector("progress");
    if (this.getAttribute("url")) this.#ask();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async #ask() {
    let told = null;
    try {
      told = await (await send(this.getAttribute("url"))).json();
    } catch {
      this.bar.removeAttribute("value");
    }
    if (!this.isConnected) return;
    if (told) this.#show(told);
    if (told?.finished) this.#finish(told);
    else this.timer = setTimeout(() => this.#ask(), document.hidden ? 5000 : 1500);
  }

  #show({ done, total, text, label }) {
    if (total) {
      this.bar.max = total;
      this.bar.value = done;
    }
    if (text !== undefined) this.querySelector("[data-figures]").textContent = text;
    if (label) this.querySelector("[data-label]").textContent = label;
  }

  #finish(told) {
    this.dispatchEvent(new CustomEvent("okno:finished", { bubbles: true, detail: told }));
    if (told.location) location.assign(told.location);
  }
});
