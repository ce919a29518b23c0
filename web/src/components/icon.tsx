/** Shapes that say a state without its colour. Drawn on a grid of 16. */
const shapes = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.8v.1',
  dot: 'M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
  ring: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z',
  stop: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 4.8v3.8M8 11v.1',
  play: 'M5 3.2v9.6L12.5 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  back: 'M6.5 3 2.5 7l4 4M3 7h6.5a3.5 3.5 0 0 1 0 7H8',
  forward: 'M3 3.5 8 8l-5 4.5zM9 3.5 14 8l-5 4.5z',
  clock: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.3l2.2 1.4',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.3v.1',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4z',
  blind:
    'M2 2l12 12M6.4 4A7 7 0 0 1 8 3.8C12 3.8 14.5 8 14.5 8a12 12 0 0 1-2 2.4M4 5.3A11 11 0 0 0 1.5 8S4 12.2 8 12.2c.9 0 1.7-.2 2.4-.5',
  copy: 'M5.5 5.5V2.5h8v8h-3M2.5 5.5h8v8h-8z',
  retry: 'M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  user: 'M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.8 13.8c.6-2.7 2.6-4 5.2-4s4.6 1.3 5.2 4',
  bell: 'M3.5 11.5h9L11.3 9.6V6.8a3.3 3.3 0 0 0-6.6 0v2.8zM6.8 13.6h2.4M8 2v1.4',
  mute: 'M2 2l12 12M5.2 5.6a3.3 3.3 0 0 0-.5 1.7v2.3l-1.2 1.9h8M6.8 13.6h2.4M7 3.6A3.3 3.3 0 0 1 11.3 6.8v2.4M8 2v1.4',
  gear: 'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 3v3M5.8 10v3',
  database:
    'M3 4.5c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2zM3 4.5v7c0 1.1 2.2 2 5 2s5-.9 5-2v-7M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg className={`icon${className ? ` ${className}` : ''}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={shapes[name]}
        fill={name === 'play' || name === 'dot' || name === 'forward' ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The sign of the product: a wall, and a release that climbs it step by step. */
export function Sign({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <path fill="currentColor" d="M4 6h5v4h4V6h6v4h4V6h5v9c0 7-5 11-12 14C9 26 4 22 4 15z" />
      <path className="sign-way" fill="none" stroke="var(--surface)" strokeWidth="2.6" d="M10 20h4v-4h4v-3h4" />
    </svg>
  );
}
