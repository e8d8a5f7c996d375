/** The command was asked for something that it cannot mean: exit code 2, and the message says what to write instead. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
