// SPDX-FileCopyrightText: 2026 Postweiche contributors
// SPDX-License-Identifier: EUPL-1.2
// Key S opens splitting and joining; below the pages it says what would come of the ticks. The form works without it.
"use strict";

(() => {
  const box = document.getElementById("divide");
  if (!box) return;
  const form = box.querySelector("form");
  const result = document.getElementById("divide-result");

  // Pages as "1–3": where a page lies between (a separator sheet), the range leaves it unsaid.
  function tell() {
    const letters = [];
    for (const page of form.querySelectorAll(".strip__page")) {
      const start = page.querySelector("[name=start]");
      const number = page.querySelector(".strip__link").textContent.match(/\d+/)[0];
      const begins = start && (start.type === "hidden" || start.checked);
      if (begins || !letters.length) letters.push([number, number]);
      else letters[letters.length - 1][1] = number;
    }
    const pages = letters.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
    result.textContent = letters.length === 1
      ? result.dataset.one
      : result.dataset.many.replace("{count}", letters.length).replace("{pages}", pages);
  }
  tell();
  form.addEventListener("change", tell);
  form.addEventListener("submit", () => { document.getElementById("divide-confirm").setAttribute("aria-disabled", "true"); });

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    box.open = !box.open;
    const first = form.querySelector(".strip__start--suggested input") || form.querySelector("input[type=checkbox]");
    (box.open && first ? first : box.querySelector("summary")).focus({ preventScroll: true });
    if (box.open) box.scrollIntoView({ block: "start" });
    event.preventDefault();
  });
})();
