import { unattributed } from '../../core/event.ts';
import type { Manifest } from '../../core/segment.ts';
import { eachManifest } from '../journal/each-manifest.ts';
import type { Journal } from '../journal/open-journal.ts';

/** What the manifests alone say: where unattributed events lie, and which were attributed since. Numbers only, no event. */
export interface Survey {
  readonly head: Manifest | undefined;
  /** Segments that hold unattributed events, ascending. */
  readonly holding: readonly number[];
  readonly reattributed: readonly Reattributed[];
}

/** A segment of kind `reattributed`, and the segments whose events it holds. */
export interface Reattributed {
  readonly seq: number;
  readonly from: number;
  readonly to: number;
}

/** @throws OperatorMustFix when the journal has a hole or its chain is broken */
export const surveyJournal = async (journal: Journal): Promise<Survey> => {
  const head = await journal.provenHead(0);
  const holding: number[] = [];
  const reattributed: Reattributed[] = [];
  for await (const manifest of eachManifest(journal, { from: 1, to: head?.seq ?? 0 })) {
    if ((manifest.tenants[unattributed]?.count ?? 0) > 0) holding.push(manifest.seq);
    reattributed.push(...rangeOf(manifest));
  }
  return { head, holding, reattributed };
};

/** The survey with what was appended since, by others or by us. */
export const withNewer = async (journal: Journal, survey: Survey): Promise<Survey> => {
  const known = survey.head?.seq ?? 0;
  const head = await journal.head(known);
  const reattributed = [...survey.reattributed];
  for await (const manifest of eachManifest(journal, { from: known + 1, to: head?.seq ?? 0 }))
    reattributed.push(...rangeOf(manifest));
  return { ...survey, head, reattributed };
};

const rangeOf = ({ seq, reattributes }: Manifest): readonly Reattributed[] =>
  reattributes ? [{ seq, ...reattributes }] : [];
