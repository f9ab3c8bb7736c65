// Dialogs, the drawer and menus: native <dialog> and popover, no element of its own.
// [data-open="#id"] opens a dialog, [data-close] closes the one it stands in. A fragment swapped into
// #drawer-body opens the drawer. Esc closes and loses nothing: fields stay as they are in the page.
// hx-confirm="question" is asked by our own dialog instead of the browser's.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) open(document.querySelector(opener.dataset.open));
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open && outside(event)) event.target.close();
});

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.dispatchEvent(new CustomEvent("okno:open"));
  dialog.showModal();
}

// A press on the backdrop closes; a press inside that ends outside (selecting text) does not come as a click here.
function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "drawer-body") return;
  const drawer = document.getElementById("drawer");
  const title = event.detail.target.querySelector("[data-drawer-title]")?.dataset.drawerTitle;
  if (title) {
    drawer.querySelector(".drawer-head b").textContent = title;
    drawer.setAttribute("aria-label", title);
  }
  open(drawer);
});
document.addEventListener("okno:close", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-question]").textContent = event.detail.question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && event.detail.issueRequest(true), { once: true });
  dialog.showModal();
});

// A menu opens under its button, inside the window.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu:popover-open:not(.menu-corner)")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`)?.getBoundingClientRect();
  if (!button) return;
  menu.style.left = `${Math.max(8, Math.min(button.left, innerWidth - menu.offsetWidth - 8))}px`;
  const below = button.bottom + 4;
  menu.style.top = `${below + menu.offsetHeight > innerHeight ? Math.max(8, button.top - menu.offsetHeight - 4) : below}px`;
}, true);
