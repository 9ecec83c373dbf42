// A merchandiser's words for the model's features; one that is not named here is shown in the API's own words.

const FEATURES = {
  student: "Means what was asked for",
  cosine: "Means it more clearly than the others",
  near: "Like the best of the others",
  engine: "The engine's score",
  engine_share: "The engine's score beside its best",
  engine_rank: "The engine's place",
  title: "Words of the search in the title",
  main: "Words in the title's main part",
  anywhere: "Words anywhere in the product",
  category: "Words in the category",
  phrase: "Words that stand together in both",
  head: "The thing itself, not what goes with it",
  title_share: "The title says little else",
  brand: "The brand that was named",
  model: "The model number that was named",
  quantity: "The size or number that was named",
  negation: "What was not wanted",
};

export const featureWords = (reason) => FEATURES[reason.feature] ?? reason.meaning ?? reason.feature;
