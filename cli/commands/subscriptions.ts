import { type CommandBuilder, group } from '../command.ts';
import { changeCommand, createCommand, deleteCommand } from '../subscriptions/change.ts';
import {
  pauseCommand,
  replayCommand,
  resumeCommand,
  rotateSecretCommand,
  testCommand,
} from '../subscriptions/control.ts';
import { attemptsCommand, deadLettersCommand } from '../subscriptions/history.ts';
import { listCommand, showCommand } from '../subscriptions/read.ts';
import { secretCommand } from '../subscriptions/secret.ts';

/** The calls of `/v1/subscriptions`, for an operator and over all tenants. */
export const subscriptionsCommand: CommandBuilder = (terminal, done) =>
  group('subscriptions', 'shows who receives what, and changes it')
    .addCommand(listCommand(terminal), { isDefault: true })
    .addCommand(showCommand(terminal))
    .addCommand(createCommand(terminal))
    .addCommand(changeCommand(terminal))
    .addCommand(deleteCommand(terminal))
    .addCommand(testCommand(terminal, done))
    .addCommand(pauseCommand(terminal))
    .addCommand(resumeCommand(terminal))
    .addCommand(rotateSecretCommand(terminal))
    .addCommand(replayCommand(terminal))
    .addCommand(attemptsCommand(terminal))
    .addCommand(deadLettersCommand(terminal))
    .addCommand(secretCommand(terminal));
