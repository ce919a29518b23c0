import { type Text, textIn } from '../spec/text.ts';
import { askedOf } from './asked.ts';
import { isBlocking } from './blockers.ts';
import type { ResolvedChecklist, ResolvedItem } from './resolved.ts';
import { formulaOf, scoreOf } from './score.ts';
import { summaryOf } from './summary.ts';
import type {
  Confirmation,
  Exemption,
  ItemResult,
  ItemState,
  ItemStatus,
  PhaseState,
  ReadinessReport,
  ReadinessVerdict,
} from './types.ts';
import { dayText, notGiven, roleName } from './wording.ts';

/** What is known of the items of a checklist; of several about the same item the newest counts. */
export type Known = {
  readonly results: readonly ItemResult[];
  readonly confirmations: readonly Confirmation[];
  readonly exemptions: readonly Exemption[];
};

/** Clocks of one machine are corrected by less than this as a rule. */
const skewMs = 60_000;

/** How ready a service is at one moment (Unix ms). What nothing proves is unproven, whatever anybody hopes. */
export function judgeReadiness(
  checklist: ResolvedChecklist,
  of: { readonly service: string; readonly version: string | null },
  known: Known,
  nowMs: number,
): ReadinessReport {
  const results = newest(known.results, ({ startedMs }) => startedMs);
  const confirmations = newest(known.confirmations, ({ atMs }) => atMs);
  const exemptions = newest(known.exemptions, ({ untilMs }) => untilMs);
  const phases = checklist.phases.map(({ id, title, items }): PhaseState => {
    const states = items.map((item) =>
      stateOf(item, results.get(item.id), confirmations.get(item.id), exemptions.get(item.id), nowMs),
    );
    return { id, title, verdict: verdictOf(states), score: scoreOf(states), items: states };
  });
  const all = phases.flatMap(({ items }) => items);
  const verdict = verdictOf(all);
  return {
    service: of.service,
    version: of.version,
    checklist: checklist.name,
    title: checklist.title,
    atMs: nowMs,
    verdict,
    score: scoreOf(all),
    formula: formulaOf(all),
    summary: summaryOf(verdict, all),
    phases,
  };
}

/** A blocker that is not there stops; anything else that is not there is a risk. */
export function verdictOf(items: readonly ItemState[]): ReadinessVerdict {
  const isAbsent = ({ status }: ItemState) => status === 'fail' || status === 'unproven';
  if (items.some(isBlocking)) return 'not-ready';
  return items.some((item) => isAbsent(item) || item.status === 'warn' || item.status === 'exempt')
    ? 'ready-with-risks'
    : 'ready';
}

type Part = { readonly status: ItemStatus; readonly why: Text; readonly fix: Text | null; readonly expiresMs: number | null };

function stateOf(
  item: ResolvedItem,
  result: ItemResult | undefined,
  confirmation: Confirmation | undefined,
  exemption: Exemption | undefined,
  nowMs: number,
): ItemState {
  const { id, title, role, severity, confirm } = item;
  const isClaimed = confirm !== null && (!confirm.instead || item.check === null);
  const state = {
    id,
    title,
    role,
    severity,
    result: result ?? null,
    confirmation: confirmation ?? null,
    exemption: exemption ?? null,
    asks: isClaimed ? { role: confirm.role, text: confirm.text ?? title, evidence: confirm.evidence } : null,
  };
  if (item.applies !== true) {
    const { not } = item.applies;
    const why = { en: `does not apply: ${not} is not met`, ru: `не применимо: условие ${not} не выполнено` };
    return { ...state, status: 'skipped', why, fix: null, expiresMs: null, asks: null };
  }
  const parts = [
    ...(item.check || (item.missing && !isClaimed) ? [checkPart(item, result, nowMs)] : []),
    ...(isClaimed ? [claimPart(item, confirmation, nowMs)] : []),
  ];
  const worst = parts.reduce((a, b) => (rank[b.status] > rank[a.status] ? b : a));
  const moments = parts.flatMap(({ expiresMs }) => (expiresMs === null ? [] : [expiresMs]));
  const expiresMs = worst.status === 'unproven' || moments.length === 0 ? null : Math.min(...moments);
  const isGood = worst.status === 'pass' || worst.status === 'skipped';
  if (!isGood && exemption && exemption.untilMs > nowMs) {
    const until = dayText(exemption.untilMs);
    const why = {
      en: `need not be there until ${until}, says ${exemption.by}: ${exemption.reason}`,
      ru: `может отсутствовать до ${until}, решение ${exemption.by}: ${exemption.reason}`,
    };
    return { ...state, status: 'exempt', why, fix: worst.fix ?? item.fix, expiresMs: exemption.untilMs };
  }
  return { ...state, status: worst.status, why: worst.why, fix: isGood ? null : (worst.fix ?? item.fix), expiresMs };
}

/** The higher, the more it weighs where an item has two proofs. */
const rank: Readonly<Record<ItemStatus, number>> = { skipped: 0, pass: 1, exempt: 2, warn: 3, unproven: 4, fail: 5 };

const again: Text = { en: 'check it again', ru: 'проверьте ещё раз' };
const unproven = (why: Text, fix: Text): Part => ({ status: 'unproven', why, fix, expiresMs: null });

function checkPart({ check, missing, validForMs }: ResolvedItem, result: ItemResult | undefined, nowMs: number): Part {
  if (!check) return missing ? notGiven(missing) : unproven('', again);
  if (!result) return unproven({ en: 'it was not checked yet', ru: 'ещё не проверялось' }, again);
  if (result.asked !== askedOf(check))
    return unproven({ en: 'it is asked in another way since it was checked', ru: 'условия изменились после проверки' }, again);
  if (result.startedMs > nowMs + skewMs)
    return unproven(
      { en: 'it was checked in the future, so a clock was wrong', ru: 'проверено в будущем: часы шли неверно' },
      again,
    );
  const endMs = result.startedMs + validForMs;
  if (endMs <= nowMs) {
    const day = dayText(result.startedMs);
    return unproven({ en: `its result is of ${day}, which is too old`, ru: `результат от ${day} устарел` }, again);
  }
  return { status: result.status, why: result.found, fix: result.fix, expiresMs: endMs };
}

function claimPart({ confirm, missing, title }: ResolvedItem, claim: Confirmation | undefined, nowMs: number): Part {
  const role = roleName(confirm?.role ?? '');
  const proof =
    confirm?.evidence === 'required' ? { en: ', with a link or a file', ru: ', со ссылкой или файлом' } : { en: '', ru: '' };
  const text = confirm?.text ?? title;
  const [en, ru] = typeof text === 'string' ? [text, text] : [text.en, text.ru];
  const how = missing?.parameters.length
    ? { en: `, or give ${missing.parameters.join(', ')}`, ru: `, либо задайте ${missing.parameters.join(', ')}` }
    : { en: '', ru: '' };
  const fix = {
    en: `let ${textIn(role, 'en')} confirm “${en}”${proof.en}${how.en}`,
    ru: `подтверждает ${textIn(role, 'ru')}: «${ru}»${proof.ru}${how.ru}`,
  };
  if (!claim) return unproven({ en: 'nobody has confirmed it', ru: 'никто не подтвердил' }, fix);
  if (claim.atMs > nowMs + skewMs)
    return unproven(
      { en: 'it was confirmed in the future, so a clock was wrong', ru: 'подтверждено в будущем: часы шли неверно' },
      fix,
    );
  if (claim.untilMs <= nowMs) {
    const day = dayText(claim.untilMs);
    return unproven(
      { en: `what ${claim.by} confirmed held until ${day}`, ru: `подтверждение (${claim.by}) действовало до ${day}` },
      fix,
    );
  }
  if (confirm?.evidence === 'required' && claim.evidence === null)
    return unproven({ en: `${claim.by} confirmed it without evidence`, ru: `${claim.by} подтвердил без доказательства` }, fix);
  const until = dayText(claim.untilMs);
  return {
    status: 'pass',
    why: { en: `${claim.by} confirmed it, until ${until}`, ru: `подтверждено (${claim.by}) до ${until}` },
    fix: null,
    expiresMs: claim.untilMs,
  };
}

function newest<One extends { readonly item: string }>(all: readonly One[], at: (one: One) => number): ReadonlyMap<string, One> {
  const found = new Map<string, One>();
  for (const one of all) {
    const other = found.get(one.item);
    if (!other || at(one) >= at(other)) found.set(one.item, one);
  }
  return found;
}
