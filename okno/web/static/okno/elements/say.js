// [data-say="/address/" data-text="…" data-language="ru"]: the phrase said aloud. When the voice is missing, the
// button itself says what is missing.
import { csrfToken } from "./page.js";
import { toast } from "./toast.js";

let player = null;
let playing = null;

async function say(button) {
  player ??= new AudioContext();
  playing?.stop();
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(button.dataset.say, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken() },
      body: new URLSearchParams({ text: button.dataset.text, language: button.dataset.language }),
    });
    if (!answer.ok) {
      const why = await answer.text();
      const told = answer.headers.get("Content-Type")?.startsWith("text/plain") ? why : String(answer.status);
      button.title = told;
      button.setAttribute("aria-label", told);
      toast(told, { tone: "late" });
      return;
    }
    playing = player.createBufferSource();
    playing.buffer = await player.decodeAudioData(await answer.arrayBuffer());
    playing.connect(player.destination);
    playing.start();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-say]");
  if (button) say(button);
});
const tail = () => document.querySelectorAll("[data-tail]").forEach((list) => { list.scrollTop = list.scrollHeight; });
document.addEventListener("htmx:afterSettle", tail);
tail();
