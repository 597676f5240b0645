import { cassandra } from './cassandra/recipe.ts';
import { dynamodb } from './dynamodb/recipe.ts';
import type { EngineName } from './engine.ts';
import { eventstoredb } from './eventstoredb/recipe.ts';
import { mongodb } from './mongodb/recipe.ts';
import type { Recipe } from './recipe.ts';

/** How each engine is had without Docker. */
export const recipes: Readonly<Record<EngineName, Recipe>> = { eventstoredb, cassandra, dynamodb, mongodb };
