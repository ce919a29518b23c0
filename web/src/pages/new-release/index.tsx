export function NewReleasePage() {
  return null;
}
