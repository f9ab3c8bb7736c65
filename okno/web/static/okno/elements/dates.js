// input[type=date]: the browser writes a day in its own language, whatever the page's is. Where it puts the day, the month
// and the year in another order than the page does, 11/12 is misread: the day stands below in the page's words.
const language = document.documentElement.lang || "ru";
const order = (locale) => new Intl.DateTimeFormat(locale).formatToParts().map((part) => part.type).filter((type) => type !== "literal").join();
const inWords = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function tell(input) {
  let words = input.nextElementSibling;
  if (!words?.matches("output.date-words")) {
    words = document.createElement("output");
    words.className = "date-words";
    words.htmlFor = input.id;
    input.after(words);
  }
  words.textContent = input.valueAsDate ? inWords.format(input.valueAsDate) : "";
}

if (order() !== order(language)) {
  const tellAll = () => document.querySelectorAll(".field > input[type=date]").forEach(tell);
  tellAll();
  document.addEventListener("htmx:load", tellAll);
  document.addEventListener("input", (event) => event.target.matches?.(".field > input[type=date]") && tell(event.target));
}
