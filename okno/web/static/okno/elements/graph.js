// <okno-graph>: a drawn graph in a frame. [data-zoom="1.25"] scales, "fit" fits the width, "one" is life size; a node
// that is opened marks itself and its ways; arrows go from the marked node to its neighbours.
const LEAST = 0.2;
const MOST = 2.5;

customElements.define("okno-graph", class extends HTMLElement {
  connectedCallback() {
    this.drawing = this.querySelector(".graph");
    this.frame = this.querySelector(".graph-frame");
    this.wide = Number(this.drawing.dataset.wide);
    this.tall = Number(this.drawing.dataset.tall);
    this.scale = 1;
    this.addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (zoom) this.#zoom(zoom === "fit" ? this.#fit() : zoom === "one" ? 1 : this.scale * Number(zoom));
      const node = event.target.closest(".g-node");
      if (node) this.#mark(node.dataset.node);
    });
    this.addEventListener("keydown", (event) => {
      const node = event.target.closest?.(".g-node");
      if (node && (event.key === " " || event.key === "Enter")) {
        event.preventDefault();
        node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      }
    });
    this.frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.#zoom(this.scale * (event.deltaY < 0 ? 1.1 : 0.9));
    }, { passive: false });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-node-link]");
      if (link) this.#mark(link.dataset.nodeLink, true);
    });
    const start = this.querySelector(".g-node[data-start] rect");
    if (start) {
      const middle = Number(start.getAttribute("x")) + Number(start.getAttribute("width")) / 2;
      this.frame.scrollLeft = middle - this.frame.clientWidth / 2;
    }
  }

  #fit() {
    return this.frame.clientWidth / this.wide;
  }

  #zoom(scale) {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.frame;
    const middle = [(scrollLeft + clientWidth / 2) / this.scale, (scrollTop + clientHeight / 2) / this.scale];
    this.scale = Math.max(LEAST, Math.min(MOST, scale));
    this.drawing.setAttribute("width", this.wide * this.scale);
    this.drawing.setAttribute("height", this.tall * this.scale);
    this.frame.scrollLeft = middle[0] * this.scale - clientWidth / 2;
    this.frame.scrollTop = middle[1] * this.scale - clientHeight / 2;
  }

  #mark(name, follow) {
    for (const node of this.querySelectorAll(".g-node")) {
      node.toggleAttribute("data-on", node.dataset.node === name);
      if (follow && node.dataset.node === name) node.scrollIntoView({ block: "center", inline: "center" });
    }
    for (const way of this.querySelectorAll(".g-way"))
      way.toggleAttribute("data-on", way.dataset.from === name || way.dataset.to === name);
  }
});
