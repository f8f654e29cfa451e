"use strict";
// Sorts and filters the findings, and keeps the choice in the address: #severity=error&rule=...&sort=where.
// The page says all it has to say without it.
(() => {
  const root = document.documentElement;
  const form = document.getElementById("tools");
  const table = document.querySelector("table.found");
  const RANKS = { info: 0, warning: 1, error: 2, danger: 3 };
  const KEYS = ["severity", "rule", "package", "where", "what"];

  function openPage() {
    const page = document.getElementById(location.hash.slice(1));
    if (page && page.closest("details")) {
      page.closest("details").open = true;
      page.scrollIntoView();
    }
  }

  function printable() {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      closed.forEach((one) => { one.open = true; });
    });
    addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  }

  function makeFilters() {
    const body = table.tBodies[0];
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const rows = Array.from(body.rows, (row, index) => {
      const cells = Array.from(row.cells, (cell) => cell.textContent.trim());
      cells[0] = row.cells[0].firstElementChild.classList[1];
      return { row, index, cells, text: cells.join("\n").toLowerCase() };
    });
    let sorting = { key: "", down: false };

    function fill(select, column) {
      for (const value of [...new Set(rows.map((one) => one.cells[column]))].sort(order)) {
        select.append(new Option(value, value));
      }
    }

    function compare(a, b) {
      const column = KEYS.indexOf(sorting.key);
      const [x, y] = [a.cells[column], b.cells[column]];
      const result = column < 0 ? 0 : column === 0 ? RANKS[x] - RANKS[y] : order(x, y);
      return (sorting.down ? -result : result) || a.index - b.index;
    }

    function sort() {
      const all = document.createDocumentFragment();
      for (const one of [...rows].sort(compare)) all.append(one.row);
      body.append(all);
      Array.from(table.tHead.rows[0].cells, (cell, column) => {
        if (KEYS[column] === sorting.key) cell.ariaSort = sorting.down ? "descending" : "ascending";
        else cell.ariaSort = null;
      });
    }

    function chosen() {
      const boxes = Array.from(form.querySelectorAll("[name=severity]"));
      return new Set(boxes.filter((one) => one.checked).map((one) => one.value));
    }

    function filter() {
      const kinds = chosen();
      const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, cells, text } of rows) {
        const fits = kinds.has(cells[0]) && (!form.rule.value || cells[1] === form.rule.value) &&
          (!form.package.value || cells[2] === form.package.value) && words.every((word) => text.includes(word));
        row.hidden = !fits;
        shown += fits;
      }
      const all = rows.length.toLocaleString("en");
      form.querySelector("output").value = shown === rows.length ? `${all} shown` : `${shown.toLocaleString("en")} of ${all} shown`;
      document.querySelector(".nothing").hidden = shown > 0;
      root.dataset.shown = shown;
    }

    function read() {
      const wanted = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
      const kinds = (wanted.get("severity") || Object.keys(RANKS).join()).split(",");
      for (const box of form.querySelectorAll("[name=severity]")) box.checked = kinds.includes(box.value);
      form.rule.value = wanted.get("rule") || "";
      form.package.value = wanted.get("package") || "";
      for (const select of [form.rule, form.package]) if (select.selectedIndex < 0) select.value = "";
      form.q.value = wanted.get("q") || "";
      sorting = { key: wanted.get("sort") || "", down: wanted.has("down") };
      if (!KEYS.includes(sorting.key)) sorting.key = "";
      sort();
      filter();
    }

    function keep() {
      const state = new URLSearchParams();
      const boxes = form.querySelectorAll("[name=severity]");
      if (chosen().size < boxes.length) state.set("severity", [...chosen()].join() || "none");
      for (const name of ["rule", "package", "q"]) if (form[name].value) state.set(name, form[name].value);
      if (sorting.key) state.set("sort", sorting.key);
      if (sorting.key && sorting.down) state.set("down", "1");
      history.replaceState(null, "", `#${state}`);
    }

    Array.from(table.tHead.rows[0].cells, (cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.addEventListener("click", () => {
        const again = sorting.key === KEYS[column];
        sorting = { key: KEYS[column], down: again ? !sorting.down : column === 0 };
        sort();
        keep();
      });
      cell.replaceChildren(button);
    });
    fill(form.rule, 1);
    fill(form.package, 2);
    form.package.closest("label").hidden = form.package.options.length < 3;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { filter(); keep(); });
    addEventListener("hashchange", () => { if (location.hash.includes("=")) read(); });
    document.getElementById("packages")?.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-package]");
      if (!link) return;
      event.preventDefault();
      form.package.value = link.dataset.package;
      filter();
      keep();
      document.getElementById("findings").scrollIntoView();
    });
    form.hidden = false;
    table.classList.add("sortable");
    read();
  }

  if (table) makeFilters();
  addEventListener("hashchange", openPage);
  openPage();
  printable();
  root.dataset.ready = "yes";
})();
