// Shows the copy buttons where the browser lets a page write to the clipboard.
if (navigator.clipboard) {
  const ready = () => {
    for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
  };
  ready();
  document.addEventListener("live-refreshed", ready);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}
