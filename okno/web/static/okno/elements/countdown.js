// <okno-countdown>: one timer for the page; ticks every [data-due="ISO"] (with data-start="ISO" where known).
// Stage and words: neutral, `soon` (half the time left), `urgent` (a fifth, or 15 min), `late`. One pulse at the
// crossing. [data-fixed] (paused, met) is left alone.
import { word } from "./page.js";

const MINUTE = 60000;
let shift;

/** 7 800 000 ms → «2 ч 10 мин»; the two largest units. */
export function span(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const parts = [[Math.floor(seconds / 86400), word("day")], [Math.floor(seconds / 3600) % 24, word("hour")], [Math.floor(seconds / 60) % 60, word("minute")]];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `${seconds}\u00a0${word("second")}`;
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count}\u00a0${unit}`).join(" ");
}

/** The stage of a clock: share and minutes left decide. */
export function stage(left, whole) {
  if (left < 0) return "late";
  if (left <= 15 * MINUTE || (whole && left <= whole * 0.2)) return "urgent";
  return whole && left <= whole * 0.5 ? "soon" : "";
}

customElements.define("okno-countdown", class extends HTMLElement {
  connectedCallback() {
    this.tick = () => document.querySelectorAll("[data-due]:not([data-fixed])").forEach(show);
    this.tick();
    this.timer = setInterval(this.tick, 1000);
    document.addEventListener("htmx:load", this.tick);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("htmx:load", this.tick);
  }
});

function show(clock) {
  const due = Date.parse(clock.dataset.due);
  const left = due - now();
  const whole = clock.dataset.start ? due - Date.parse(clock.dataset.start) : 0;
  const next = stage(left, whole);
  const words = left < 0 ? `${word("late")} ${span(left)}` : `${next === "urgent" ? "! " : ""}${span(left)}`;
  const told = clock.querySelector("[data-left]") ?? clock;
  if (told.textContent !== words) told.textContent = words;
  if ((clock.dataset.stage || "") === next) return;
  if (clock.dataset.seen && next === "late") clock.dataset.crossed = "";
  clock.dataset.stage = next;
  clock.dataset.seen = "1";
}

// The server's time of day, which the demo shifts; the difference is taken once from the page.
function now() {
  if (shift === undefined) {
    const told = Date.parse(document.querySelector("okno-live")?.getAttribute("since") ?? "");
    shift = Number.isNaN(told) || Math.abs(told - Date.now()) < 2 * MINUTE ? 0 : told - Date.now();
  }
  return Date.now() + shift;
}
