"use strict";
/* The front page leads to the page of a name's first letter; that page narrows its list to what was typed. */
(() => {
  const find = document.getElementById("find");
  if (find) {
    find.hidden = false;
    find.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = find.querySelector("input").value.trim().toLowerCase();
      const links = [...document.querySelectorAll(".letters a")];
      const link = links.find((one) => one.textContent === text[0]) || links.find((one) => one.textContent === "other");
      if (text && link) location.href = link.href + "#" + encodeURIComponent(text);
    });
  }
  const narrow = document.getElementById("narrow");
  if (narrow) {
    const input = narrow.querySelector("input");
    const rows = [...document.querySelectorAll(".lines tbody tr")];
    const names = rows.map((row) => row.firstElementChild.textContent.toLowerCase());
    const show = () => {
      const text = input.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !names[at].includes(text);
        shown += row.hidden ? 0 : 1;
      });
      narrow.querySelector("output").textContent = `${shown} of ${rows.length}`;
    };
    narrow.hidden = false;
    try {
      input.value = decodeURIComponent(location.hash.slice(1));
    } catch {
      input.value = "";
    }
    narrow.addEventListener("submit", (event) => event.preventDefault());
    input.addEventListener("input", show);
    show();
  }
})();
