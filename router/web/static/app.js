// SPDX-FileCopyrightText: 2026 Postweiche contributors
// SPDX-License-Identifier: EUPL-1.2
// Says when the service can't be reached while a page renews itself.
"use strict";

(() => {
  const banner = document.getElementById("offline");
  const failing = (event) => {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    banner.hidden = status !== 0 && status < 502;
  };
  document.addEventListener("htmx:sendError", () => { banner.hidden = false; });
  document.addEventListener("htmx:responseError", failing);
  document.addEventListener("htmx:afterOnLoad", () => { banner.hidden = true; });
})();
