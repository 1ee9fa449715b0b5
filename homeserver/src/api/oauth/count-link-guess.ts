import { MatrixError } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';
import { pageResponse } from '../pages/page-response.ts';
import { checkAttempts } from '../rate-limit.ts';
import { codePage } from './link-page.ts';

/** Counts a code that a user comes with, by user. @returns what to answer if there were too many */
export function countLinkGuess(userId: UserId, config: Config): Response | undefined {
  try {
    checkAttempts(`link ${userId}`, config);
    return undefined;
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    return pageResponse(codePage(`${error.message}. Please try again later.`), error.status);
  }
}
