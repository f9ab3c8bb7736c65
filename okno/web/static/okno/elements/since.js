// [data-since="ISO"][data-now="ISO"]: how long it has been, counted on from what the server's clock said.
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function tell() {
  for (const part of document.querySelectorAll("[data-since]")) {
    part.since ??= performance.now() - (Date.parse(part.dataset.now) - Date.parse(part.dataset.since));
    part.textContent = clock(Math.max(0, (performance.now() - part.since) / 1000));
  }
}
tell();
// A board that was fetched anew does not stand at zero until the next second.
document.addEventListener("htmx:afterSwap", tell);
setInterval(tell, 1000);
