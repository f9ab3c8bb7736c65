// <okno-player src="…" seconds="61.4">: a recording with its picture. A click or ← → on [data-wave] seeks, [data-play]
// plays and pauses, any [data-seek="12.50"] of the page plays from there; the turn [data-at] that is heard is marked.
// The sound is asked for only when somebody plays: every listening is written down.
import { toast } from "./toast.js";

const STEP = 5;

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

customElements.define("okno-player", class extends HTMLElement {
  connectedCallback() {
    this.seconds = Number(this.getAttribute("seconds")) || 0;
    this.sound = new Audio();
    this.sound.preload = "none";
    this.wave = this.querySelector("[data-wave]");
    this.cursor = this.querySelector("[data-cursor]");
    this.told = this.querySelector("[data-now]");
    this.querySelector("[data-play]").addEventListener("click", () => this.#toggle());
    this.wave.addEventListener("click", (event) => {
      const box = this.wave.getBoundingClientRect();
      this.#play(((event.clientX - box.left) / box.width) * this.seconds);
    });
    this.wave.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Enter" || event.key === " ") this.#toggle();
      else if (step !== undefined) this.#seek(this.sound.currentTime + step);
      else return;
      event.preventDefault();
    });
    this.sound.addEventListener("timeupdate", () => this.#tell());
    for (const name of ["play", "pause", "ended"]) this.sound.addEventListener(name, () => this.#state());
    this.jump = (event) => {
      const button = event.target.closest("[data-seek]");
      if (button) this.#play(Number(button.dataset.seek));
    };
    document.addEventListener("click", this.jump);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.jump);
    this.sound.pause();
  }

  #load() {
    if (!this.sound.src) this.sound.src = this.getAttribute("src");
  }

  #toggle() {
    this.#load();
    if (this.sound.paused) this.#start();
    else this.sound.pause();
  }

  #seek(seconds) {
    this.#load();
    this.sound.currentTime = Math.max(0, Math.min(seconds, this.seconds));
    this.#tell();
  }

  #play(seconds) {
    this.#seek(seconds);
    this.#start();
  }

  // Paused before the first sound came is no failure; a sound that does not come is told.
  #start() {
    this.sound.play().catch((error) => {
      if (error.name !== "AbortError") toast(this.dataset.failed, { tone: "late" });
    });
  }

  #state() {
    const playing = !this.sound.paused;
    this.querySelector('[data-when="playing"]').hidden = !playing;
    this.querySelector('[data-when="paused"]').hidden = playing;
  }

  #tell() {
    const at = this.sound.currentTime;
    const place = this.seconds ? (at / this.seconds) * 1000 : 0;
    for (const end of ["x1", "x2"]) this.cursor.setAttribute(end, place);
    this.told.textContent = clock(at);
    this.wave.setAttribute("aria-valuenow", Math.round(at));
    this.wave.setAttribute("aria-valuetext", clock(at));
    let heard = null;
    for (const turn of document.querySelectorAll("[data-at]")) if (Number(turn.dataset.at) <= at + 0.05) heard = turn;
    document.querySelectorAll("[data-at][data-heard]").forEach((turn) => turn !== heard && turn.removeAttribute("data-heard"));
    heard?.setAttribute("data-heard", "");
  }
});
