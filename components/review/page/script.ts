// The page's one script: a filter. Without it everything is there, and nothing is hidden.

/** Shows the filter, and hides what has not all of its words: rows and cells have their words in data-words or in their text. */
export const script = `
"use strict";
const field = document.querySelector(".filter input");
const found = document.querySelector(".filter output");
const items = [...document.querySelectorAll("[data-words]")].map((item) => [item, item.dataset.words.toLowerCase()]);
document.querySelector(".filter").hidden = false;
field.addEventListener("input", () => {
  const wanted = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const [item, words] of items) {
    item.hidden = !wanted.every((word) => words.includes(word));
    if (!item.hidden) shown += 1;
  }
  for (const fold of document.querySelectorAll("details")) if (wanted.length > 0 && fold.querySelector("[data-words]:not([hidden])")) fold.open = true;
  found.textContent = wanted.length > 0 ? shown + " of " + items.length + " shown" : "";
});
`;
