import { messageOf } from '../core/errors.ts';
import type { QueryAnswer } from '../flows/answer-query.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** Streams at once in this process. Each holds one part in memory and reads the source as fast as its caller takes the lines. */
const mostAtOnce = 4;

export interface ExportStreams {
  /** Whether as many streams are open as may be. */
  busy(): boolean;
  /**
   * The lines of all parts. A part is read only after the caller has taken the parts before. The stream takes one of the places at once and
   * frees it when it ends or is cancelled, so the caller must bring about one of the two.
   */
  open(lines: ExportLines): ReadableStream;
}

export interface ExportLines {
  /** Head and lines of the first part. */
  readonly begun: string;
  readonly parts: AsyncGenerator<QueryAnswer, void>;
  readonly textOf: (part: QueryAnswer) => string;
  /** Breaks the connection if the source fails: an answer that ended normally would be taken for complete. */
  readonly cutOff: () => void;
}

export const exportStreams = (telemetry: Telemetry): ExportStreams => {
  let open = 0;
  return {
    busy: () => open >= mostAtOnce,
    open: ({ begun, parts, textOf, cutOff }) => {
      open += 1;
      const lines = async function* (): AsyncGenerator<Uint8Array, void> {
        try {
          if (begun !== '') yield Buffer.from(begun);
          for await (const part of parts) if (part.events.length > 0) yield Buffer.from(textOf(part));
        } catch (error) {
          telemetry.notice('warn', `An export was broken off: ${messageOf(error)}`);
          cutOff();
        }
      };
      const taken = lines();
      let isOpen = true;
      const leave = (): void => {
        if (isOpen) open -= 1;
        isOpen = false;
      };
      return new ReadableStream(
        {
          pull: async (controller) => {
            try {
              const { value, done } = await taken.next();
              if (!done) return controller.enqueue(value);
              leave();
              controller.close();
            } catch (error) {
              leave();
              throw error;
            }
          },
          cancel: async () => {
            leave();
            await taken.return();
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
};
