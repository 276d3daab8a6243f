// SPDX-FileCopyrightText: 2026 Postweiche contributors
// SPDX-License-Identifier: EUPL-1.2
// Sends dropped, chosen and pasted files one by one with their progress. Without it the plain form does the same.
"use strict";

(() => {
  const form = document.getElementById("drop");
  const input = document.getElementById("files");
  const list = document.getElementById("sending");
  const words = form.dataset;
  const waiting = [];
  const AT_ONCE = 2;
  let running = 0;

  form.classList.add("drop--quick");

  function row(name) {
    const item = document.createElement("li");
    item.className = "sending__file";
    const label = document.createElement("span");
    label.className = "sending__name";
    label.textContent = name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    const state = document.createElement("span");
    state.className = "sending__state";
    state.textContent = words.wordWaiting;
    item.append(label, bar, state);
    list.append(item);
    return { item, bar, state };
  }

  function fail(shown, sentence) {
    shown.item.classList.add("sending__file--failed");
    shown.bar.remove();
    shown.state.textContent = sentence;
    shown.item.setAttribute("role", "alert");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "sending__close";
    close.textContent = "×";
    close.setAttribute("aria-label", words.wordClose);
    close.addEventListener("click", () => shown.item.remove());
    shown.item.append(close);
  }

  function taken(shown, answer) {
    shown.bar.value = 1;
    shown.state.textContent = answer.known ? words.wordKnown : answer.kind === "protocol" ? words.wordProtocol : words.wordTaken;
    setTimeout(() => shown.item.remove(), answer.known || answer.kind === "protocol" ? 6000 : 1500);
    document.body.dispatchEvent(new CustomEvent("look"));
  }

  function sentence(request) {
    try {
      const problem = JSON.parse(request.responseText);
      return problem.remedy ? `${problem.detail} – ${problem.remedy}` : problem.detail;
    } catch {
      return words.wordFailed;
    }
  }

  function next() {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      send(waiting.shift());
    }
  }

  function send({ file, shown }) {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    request.open("POST", words.url);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.bar.value = event.loaded / event.total;
      shown.state.textContent = words.wordSending;
    });
    request.addEventListener("load", () => {
      if (request.status === 201) taken(shown, JSON.parse(request.responseText));
      else if (request.status === 401) window.location.assign("/signin");
      else fail(shown, sentence(request));
    });
    request.addEventListener("error", () => fail(shown, words.wordFailed));
    request.addEventListener("loadend", () => { running -= 1; next(); });
    request.send(body);
  }

  function add(files) {
    for (const file of files) {
      const shown = row(file.name);
      if (file.size > Number(words.maxBytes)) fail(shown, words.wordLarge);
      else if (file.size === 0) fail(shown, words.wordEmpty);
      else waiting.push({ file, shown });
    }
    next();
  }

  async function filesOf(entry) {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    if (!entry.isDirectory) return [];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      // A reader hands out a folder in portions; an empty one is the end.
      const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!portion.length) return found;
      for (const child of portion) found.push(...(await filesOf(child)));
    }
  }

  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    form.classList.add("drop--over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) form.classList.remove("drop--over");
  });
  document.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    form.classList.remove("drop--over");
    const entries = [...event.dataTransfer.items].map((item) => (item.webkitGetAsEntry ? item.webkitGetAsEntry() : null));
    const loose = [...event.dataTransfer.files];
    if (entries.every(Boolean) && entries.some((entry) => entry.isDirectory)) {
      for (const entry of entries) add(await filesOf(entry));
    } else {
      add(loose);
    }
  });
  document.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (!data || event.target.closest("input, textarea")) return;
    if (data.files.length) add([...data.files]);
    else if (data.getData("text/plain").trim()) {
      add([new File([data.getData("text/plain")], `${words.wordPasted}.txt`, { type: "text/plain" })]);
    }
  });
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
})();
