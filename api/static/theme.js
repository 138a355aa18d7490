// Runs before the first paint, so that a dark control room sees no white flash.
const theme = document.documentElement.dataset;
theme.theme =
  localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");

function switchTheme() {
  theme.theme = theme.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", theme.theme);
}
