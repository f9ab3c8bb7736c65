// <okno-theme url="/me/appearance/">: light, dark, contrast, or as the system has it. Buttons with data-theme.
// The choice goes to the server (it renders the next page so, without a flash) and to a cookie for sign-in pages.
import { send } from "./page.js";

customElements.define("okno-theme", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-theme]");
      if (button) this.#choose(button.dataset.theme);
    });
    this.#mark(document.documentElement.dataset.theme || "auto");
  }

  #choose(theme) {
    const root = document.documentElement;
    root.dataset.theme = theme;
    if (theme === "contrast") root.dataset.contrast = "more";
    else delete root.dataset.contrast;
    document.cookie = `okno_theme=${theme};path=/;max-age=31536000;samesite=lax`;
    this.#mark(theme);
    send(this.getAttribute("url"), { method: "POST", body: new URLSearchParams({ theme }) }).catch(() => {});
  }

  #mark(theme) {
    this.querySelectorAll("button[data-theme]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
    });
  }
});
