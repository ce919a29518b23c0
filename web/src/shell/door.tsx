import type { ReactNode } from 'react';
import { Sign } from '../components/icon.tsx';
import { LanguageChoice } from './choices.tsx';

/** The page in front of the door: sign-in and welcome. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="door">
      <title>{`${title} · Rampart`}</title>
      <div className="door-card">
        <p className="brand">
          <Sign size={28} />
          {'Rampart'}
        </p>
        <section className="card stack">
          <h1>{title}</h1>
          {children}
        </section>
        <LanguageChoice />
      </div>
    </main>
  );
}
