// SPDX-FileCopyrightText: 2026 Postweiche contributors
// SPDX-License-Identifier: EUPL-1.2
// Keys and highlighting on the page of one letter. Without it everything works by mouse, Tab and links.
"use strict";

(() => {
  const viewer = document.querySelector(".viewer");
  const form = document.getElementById("decide");
  const other = document.getElementById("other");
  const toggle = document.getElementById("show-marks");

  function light(number) {
    for (const mark of document.querySelectorAll(".mark")) {
      mark.classList.toggle("mark--on", mark.dataset.marks.split(" ").includes(number));
    }
    for (const link of document.querySelectorAll("a.evidence__link")) {
      link.parentElement.classList.toggle("evidence__item--on", link.dataset.mark === number);
    }
  }

  for (const link of document.querySelectorAll("a.evidence__link")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      light(link.dataset.mark);
      if (toggle && !toggle.checked) toggle.click();
      const mark = document.getElementById(`mark-${link.dataset.mark}`);
      const box = mark.getBoundingClientRect();
      const frame = viewer.getBoundingClientRect();
      viewer.scrollBy({ top: box.top - frame.top - frame.height / 3, behavior: "smooth" });
    });
  }
  for (const mark of document.querySelectorAll(".mark")) {
    mark.addEventListener("click", () => light(mark.dataset.marks.split(" ")[0]));
  }
  if (toggle) toggle.addEventListener("change", () => viewer.classList.toggle("viewer--plain", !toggle.checked));

  const sheets = [...document.querySelectorAll(".sheet")];
  const links = [...document.querySelectorAll(".pages__link")];
  if (links.length) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const link = links[sheets.indexOf(entry.target)];
        if (entry.isIntersecting) {
          link.setAttribute("aria-current", "page");
          const bar = link.parentElement;
          bar.scrollLeft = link.offsetLeft - bar.offsetLeft - bar.clientWidth / 2;
        }
        else link.removeAttribute("aria-current");
      }
    }, { root: viewer, rootMargin: "-40% 0px -55% 0px" });
    sheets.forEach((sheet) => seen.observe(sheet));
  }

  if (!form) return;
  // What speaks for the chosen post stands out; the rest steps back.
  function emphasise() {
    const chosen = form.querySelector("[name=choice]:checked");
    for (const mark of document.querySelectorAll(".mark")) {
      mark.classList.toggle("mark--faint", Boolean(chosen) && !mark.dataset.posts.split(" ").includes(chosen.value));
    }
  }
  emphasise();
  form.addEventListener("change", (event) => {
    if (event.target.name === "choice") other.value = "";
    emphasise();
  });
  other.addEventListener("input", () => {
    if (other.value) for (const choice of form.querySelectorAll("[name=choice]")) choice.checked = false;
    emphasise();
  });
  form.addEventListener("submit", () => { document.getElementById("confirm").setAttribute("aria-disabled", "true"); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === other) return;
    if (/^[1-9]$/.test(event.key)) {
      const choice = document.getElementById(`choice-${event.key}`);
      if (!choice) return;
      choice.checked = true;
      other.value = "";
      choice.focus();
      emphasise();
      event.preventDefault();
    } else if (event.key === "/") {
      other.focus();
      event.preventDefault();
    } else if (event.key === "Enter" && !event.target.closest("a, button, summary, input[type=checkbox]")) {
      form.requestSubmit();
      event.preventDefault();
    }
  });
})();
