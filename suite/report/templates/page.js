for (const item of JSON.parse(document.getElementById("items").textContent)) Bokeh.embed.embed_item(item);

function order(row, column) {
  const text = row.cells[column].dataset.order;
  const number = text === "-inf" ? -Infinity : Number(text);
  return Number.isNaN(number) ? text : number;
}

for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = heading.closest("table").tBodies[0];
    const rows = [...body.rows].sort((a, b) => {
      const [one, two] = [order(a, heading.cellIndex), order(b, heading.cellIndex)];
      return (one > two) - (one < two);
    });
    body.append(...(down ? rows.reverse() : rows));
  });
}
