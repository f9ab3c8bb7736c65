// The frame of every page: loads the elements and ties htmx to the server's rules.
import "./elements/omnibox.js";
import "./elements/hotkeys.js";
import "./elements/live.js";
import "./elements/draft.js";
import "./elements/toast.js";
import "./elements/countdown.js";
import "./elements/progress.js";
import "./elements/table.js";
import "./elements/theme.js";
import "./elements/layers.js";
import "./elements/flats.js";
import "./elements/dates.js";
import { csrfToken, word } from "./elements/page.js";
import { toast } from "./elements/toast.js";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});

// 4xx with a body is an answer to show (a form with errors); anything else becomes a message with its code.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const code = event.detail.xhr.getResponseHeader("X-Incident") || String(status);
  const text = status === 403 ? word("denied") : status === 409 ? word("gone") : `${word("failed")} ${code}`;
  toast(text, { tone: "late" });
});
document.addEventListener("htmx:sendError", () => toast(word("offline"), { tone: "late" }));

// The browser, the device or its owner gave no key: nothing was sent, so nobody else would say so.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  toast(word("key"), { tone: "late" });
});

// Django's `HX-Trigger: {"okno:toast": {"text": …, "undo": …, "tone": …}}`.
document.addEventListener("okno:toast", (event) => toast(event.detail.text, event.detail));

document.addEventListener("htmx:afterSwap", (event) => {
  const summary = event.detail.target.querySelector?.("[data-focus]");
  if (summary) summary.focus();
});
document.querySelector("[data-focus]")?.focus();

// A button that sends a form is busy until the answer comes.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const button = event.submitter;
  if (button?.classList.contains("btn")) setTimeout(() => button.setAttribute("aria-busy", "true"), 300);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll('[aria-busy="true"]').forEach((busy) => busy.removeAttribute("aria-busy"));
});
