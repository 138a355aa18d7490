// A browser forgets a click when what was pressed is drawn again before the button is released.
let pressed = null;
let link = null;

addEventListener("pointerdown", (event) => {
  pressed = event.target;
  link = pressed.closest("a");
});

addEventListener("pointerup", (event) => {
  if (link && !pressed.isConnected && event.button === 0 && event.target.closest("a") === link) link.click();
  pressed = link = null;
});
