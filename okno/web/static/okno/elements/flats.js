// <okno-flats>: arrows lead over the flats of a house's grid, as they stand on the page; Enter opens one.
// Without scripts the flats are plain links and Tab leads over them.
customElements.define("okno-flats", class extends HTMLElement {
  connectedCallback() {
    const flats = this.#flats();
    flats.forEach((flat, place) => (flat.tabIndex = place ? -1 : 0));
    this.addEventListener("focusin", (event) => this.#hold(event.target.closest("[data-flat]")));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  #flats() {
    return [...this.querySelectorAll("[data-flat]")];
  }

  #hold(flat) {
    if (!flat) return;
    this.#flats().forEach((other) => (other.tabIndex = other === flat ? 0 : -1));
  }

  #key(event) {
    const flat = event.target.closest("[data-flat]");
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!flat || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = nearest(flat, this.#flats(), step);
    event.preventDefault();
    next?.focus();
  }
});

function centre(element) {
  const box = element.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}

// The closest flat in the direction; a step aside counts three times, so that a row or a column is kept.
function nearest(from, flats, [right, down]) {
  const [x, y] = centre(from);
  let best = null;
  let least = Infinity;
  for (const flat of flats) {
    const [nextX, nextY] = centre(flat);
    const along = right ? (nextX - x) * right : (nextY - y) * down;
    const aside = Math.abs(right ? nextY - y : nextX - x);
    if (flat === from || along < 4 || along + aside * 3 >= least) continue;
    best = flat;
    least = along + aside * 3;
  }
  return best;
}
