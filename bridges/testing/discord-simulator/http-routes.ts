import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { answerCdn } from './cdn.ts';
import type { Simulation } from './discord-simulator.ts';
import { answerRest } from './rest/rest-api.ts';

/** Discord's hosts as paths of one origin: `/api/v10` is discord.com/api/v10, `/cdn` is cdn.discordapp.com. */
export async function routeRequest(simulation: Simulation, request: LoopbackRequest): Promise<Reply> {
  const path = request.url.pathname;
  if (path.startsWith('/api/v10/')) return answerRest(simulation, request, path.slice('/api/v10'.length));
  if (path.startsWith('/cdn/')) return answerCdn(simulation, request, path.slice('/cdn'.length));
  return emptyReply(404);
}
