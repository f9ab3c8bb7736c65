// What every element asks of the page: its words, its token, how to write a time. No element of its own.

let words;

/** A phrase of the page in the person's language. */
export function word(name) {
  words ??= JSON.parse(document.getElementById("okno-words")?.textContent || "{}");
  return words[name] ?? name;
}

/** The token Django wants beside every change. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** fetch() with the token and a time-out; throws when the server is not reached or refuses. */
export async function send(url, { method = "GET", body = null, headers = {}, patience = 10000 } = {}) {
  const answer = await fetch(url, {
    method,
    body,
    headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest", ...headers },
    credentials: "same-origin",
    signal: AbortSignal.timeout(patience),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

/** Hours and minutes as the page's language writes them. */
export function clockTime(moment = new Date()) {
  return moment.toLocaleTimeString(document.documentElement.lang || "ru", { hour: "2-digit", minute: "2-digit" });
}

/** Where a person types: single letters belong to the text there. */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select"));
}
