// <okno-live url="/live/" topics="a,b" since="ISO">: signals from the server, never data.
// Listens to `url?topics=…` (topics told here and by every [data-live="topic"]). A signal "topic" makes each
// [data-live] of that topic fetch its own fragment (htmx event okno:signal), so rights are checked as always.
// Silent for 30 s: the banner #link-lost says so; the parts are then fetched every 20 s until signals come back.
import { word } from "./page.js";

const SILENCE = 30000;
const POLL = 20000;

customElements.define("okno-live", class extends HTMLElement {
  connectedCallback() {
    this.made = this.getAttribute("since") || new Date().toISOString();
    this.began = performance.now();
    this.fresh = this.made;
    this.state = this.querySelector("[data-live-state]");
    this.dot = this.querySelector(".dot");
    document.addEventListener("htmx:afterSettle", () => this.#retune());
    addEventListener("online", () => this.#listen());
    document.addEventListener("visibilitychange", () => document.hidden || this.#listen());
    this.#listen();
  }

  disconnectedCallback() {
    this.#hush();
  }

  #topics() {
    const own = (this.getAttribute("topics") || "").split(/[\s,]+/);
    const parts = [...document.querySelectorAll("[data-live]")].map((part) => part.dataset.live);
    return [...new Set([...own, ...parts])].filter(Boolean).sort();
  }

  #retune() {
    if (this.#topics().join() !== this.heard) this.#listen();
  }

  #hush() {
    this.source?.close();
    clearTimeout(this.watch);
    clearInterval(this.poll);
  }

  #listen() {
    this.#hush();
    const topics = this.#topics();
    this.heard = topics.join();
    if (!topics.length || !this.getAttribute("url")) return;
    this.source = new EventSource(`${this.getAttribute("url")}?${new URLSearchParams({ topics: this.heard })}`);
    this.source.onopen = () => this.#opened();
    this.source.addEventListener("beat", () => this.#alive());
    this.source.addEventListener("signal", (event) => {
      this.#alive();
      this.#fetch(event.data.split(" ")[0]);
    });
    this.watch = setTimeout(() => this.#lost(), SILENCE);
  }

  // What was signalled before the stream stood open was heard by nobody: the parts look once for themselves.
  #opened() {
    clearInterval(this.poll);
    this.poll = null;
    this.#alive();
    this.#fetch();
  }

  #alive() {
    const wasLost = Boolean(this.poll);
    clearTimeout(this.watch);
    clearInterval(this.poll);
    this.poll = null;
    this.watch = setTimeout(() => this.#lost(), SILENCE);
    this.#tell("live");
    if (wasLost) this.#fetch();
  }

  #lost() {
    this.#tell("lost");
    clearInterval(this.poll);
    this.poll = setInterval(() => {
      this.#fetch();
      if (this.source?.readyState === EventSource.CLOSED) this.#reopen();
    }, POLL);
  }

  // A stream refused outright (502, 503) is not tried again by the browser itself.
  #reopen() {
    const poll = this.poll;
    this.poll = null;
    this.#listen();
    this.poll = poll;
  }

  #fetch(topic) {
    const wanted = topic ? `[data-live="${CSS.escape(topic)}"]` : "[data-live]";
    document.querySelectorAll(wanted).forEach((part) => htmx.trigger(part, "okno:signal"));
  }

  // The moment by the server's clock, told as the page told its own: this machine may stand in another time zone.
  #moment() {
    const [, sign, hours, minutes] = this.made.match(/([+-])(\d\d):(\d\d)$/) || [null, "+", 0, 0];
    const zone = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60000;
    return new Date(Date.parse(this.made) + performance.now() - this.began + zone).toISOString();
  }

  #tell(state) {
    const banner = document.getElementById("link-lost");
    if (state === "live") this.fresh = this.#moment();
    const told = this.fresh.slice(11, 16);
    this.dot.dataset.state = state === "live" ? "" : "lost";
    this.state.textContent = `${word(state)} ${told}`;
    if (!banner) return;
    banner.hidden = state === "live";
    if (state !== "live") banner.querySelector("div").textContent = `${word("lost")} ${told}`;
  }
});
