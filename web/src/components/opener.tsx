/**
 * A small button that opens a window.
 *
 * @param name - What it is called where nothing beside it says what it is about.
 */
export function Opener({ label, name, onOpen }: { label: string; name: string; onOpen: () => void }) {
  return (
    <button type="button" className="button small" aria-label={name} onClick={onOpen}>
      {label}
    </button>
  );
}
