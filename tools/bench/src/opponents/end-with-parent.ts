/** An opponent holds nothing: it may end at once, and does with the process that started it. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit(0));
}
