import { activities } from './activities.generated.ts';
import { animalsNature } from './animals-nature.generated.ts';
import { flags } from './flags.generated.ts';
import { foodDrink } from './food-drink.generated.ts';
import { objects } from './objects.generated.ts';
import { peopleBody } from './people-body.generated.ts';
import { smileysEmotion } from './smileys-emotion.generated.ts';
import { symbols } from './symbols.generated.ts';
import { travelPlaces } from './travel-places.generated.ts';

/** Every emoji that Slack knows, with its names there, one line each. */
export function emojiLines(): string[] {
  const groups = [
    smileysEmotion,
    peopleBody,
    animalsNature,
    foodDrink,
    travelPlaces,
    activities,
    objects,
    symbols,
    flags,
  ];
  return groups.flatMap((group) => group.trim().split('\n'));
}
