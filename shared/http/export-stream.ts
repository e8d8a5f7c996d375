import { messageOf } from '../core/errors.ts';
import type { QueryAnswer } from '../flows/answer-query.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** At once in this process. Each holds one part, and reads the source as fast as its caller takes. */
const mostAtOnce = 4;

export interface ExportStreams {
  /** Whether as many are open as may be. */
  busy(): boolean;
  /**
   * The lines of all parts. Nothing is read before what came earlier has been taken. Takes its place now, and leaves it at its end or
   * when it is cancelled: one of the two must come.
   */
  open(lines: ExportLines): ReadableStream;
}

export interface ExportLines {
  /** Of the first part. */
  readonly begun: string;
  readonly parts: AsyncGenerator<QueryAnswer, void>;
  readonly textOf: (part: QueryAnswer) => string;
  /** Breaks the connection when the source fails: an answer that ended would be taken for all of it. */
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
