/** Entry `qcloud-im-callback/core`: the receiver without any framework. */

export {
  CALLBACK_ERROR_CODES,
  CallbackError,
  type CallbackErrorCode,
  ConfigurationError,
  type ConfigurationErrorCode,
  isCallbackError,
} from './base/errors.js';
export { type DedupeStore, memoryDedupeStore } from './dedupe/memory-store.js';
export type * from './generated/types.js';
export { version } from './generated/version.js';
export type { CallbackMessage } from './observe/message.js';
export type { Logger } from './options/logger.js';
export type {
  FailureReport,
  QcloudImOptions,
  TokenLookup,
} from './options/options.js';
export {
  type AnsweredQueuedRoute,
  type AnyRoute,
  type BeforeHook,
  type DefaultHandler,
  type Handler,
  type Handlers,
  type OtherHandlers,
  type QueuedHandler,
  type QueuedRoute,
  queued,
  type Registered,
  type Route,
} from './options/routes.js';
export type { AnswerBody } from './pipeline/answer.js';
export {
  type Answer,
  type AnswerFor,
  assignAgents,
  drop,
  type FriendResult,
  friendResults,
  type GivenAnswer,
  isAnswer,
  ok,
  type PlainOk,
  refuse,
  refuseMembers,
  refuseSubscribers,
  replace,
} from './protocol/answers.js';
export type { AnswerKind } from './protocol/command-info.js';
export { type BodyIssue, COMMANDS, type Command, type CommandInfo, isCommand } from './protocol/commands.js';
export {
  type AnyCallbackEvent,
  type BodyOf,
  type CallbackEvent,
  isCallbackEvent,
  isEvent,
  type UnknownCallbackEvent,
} from './protocol/event.js';
export type {
  CallbackRequest,
  CallbackResponse,
} from './protocol/http.js';
export { type EventItem, itemsOf } from './protocol/items.js';
export { type MessageKey, messageKey } from './protocol/message-key.js';
export {
  elementsOf,
  isElement,
  type Mentions,
  mentions,
  type ReplaceableCommand,
  replaceText,
  textOf,
} from './protocol/messages.js';
export type { StoredEvent } from './protocol/stored-event.js';
export type { URLParams } from './protocol/url-params.js';
export {
  GROUP_TYPES,
  type GroupType,
  type Phase,
  PLATFORMS,
  type Platform,
} from './protocol/values.js';
export type { ReceiverStats } from './queue/keeper.js';
export { memoryQueue } from './queue/memory/memory.js';
export type { MemoryQueueOptions } from './queue/memory/options.js';
export { byConversation } from './queue/order.js';
export type {
  CloseOptions,
  CloseResult,
  EventConsumer,
  EventQueue,
  QueueProblem,
  QueueStats,
} from './queue/queue.js';
export type { RunOptions } from './queue/run-options.js';
export { CallbackHandler, type Workers } from './receiver/handler.js';
export type { Health } from './receiver/health.js';
