// While a question is being answered: how far it is, and a button that ends it.
// The page works without: a browser's own stop button ends a question just as well.
"use strict";

const LOOK_MS = 1000;
const form = document.querySelector("form.question");
const waiting = document.getElementById("waiting");
const done = document.getElementById("done");
const told = document.getElementById("told");
let looking = 0;

async function look() {
  const answer = await fetch("/sql/questions", { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const last = (await answer.json()).items.at(-1);
  if (last === undefined) return;
  if (last.percent >= 0) done.value = last.percent;
  told.textContent = `${Math.round(last.seconds)} s` + (last.percent >= 0 ? `, ${last.percent} %` : "");
}

function wait() {
  done.removeAttribute("value");
  told.textContent = "";
  waiting.hidden = false;
  clearInterval(looking);
  // What cannot be told now may be told a moment later.
  looking = setInterval(() => look().catch(() => {}), LOOK_MS);
}

function rest() {
  clearInterval(looking);
  waiting.hidden = true;
}

form.addEventListener("submit", wait);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='/sql?q='], a[href*='/sql?drill=']");
  if (link && !link.href.includes("&format=") && !event.ctrlKey && !event.metaKey && !event.shiftKey) wait();
});
document.getElementById("q").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
document.getElementById("stop").addEventListener("click", () => {
  window.stop(); // the connection is closed, and with it the question
  rest();
});
window.addEventListener("pageshow", rest);
