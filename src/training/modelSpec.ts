import type { ModelDoc } from '../scenario/modelSchema.js';
import type { ModelSpec } from './model.js';

/** The shape alone of a document of the catalogue, what is absent filled in. */
export function modelSpec(doc: ModelDoc): ModelSpec {
  const { experts, latentAttention: latent } = doc;
  return {
    name: doc.name,
    layers: doc.layers.value,
    hidden: doc.hidden.value,
    heads: doc.heads.value,
    kvHeads: doc.kvHeads?.value ?? doc.heads.value,
    headDim: doc.headDim?.value ?? doc.hidden.value / doc.heads.value,
    feedForward: doc.feedForward.value,
    gated: doc.gated,
    vocabulary: doc.vocabulary.value,
    tiedEmbeddings: doc.tiedEmbeddings,
    sequence: doc.sequence.value,
    experts: experts && {
      count: experts.count.value,
      active: experts.active.value,
      shared: experts.shared.value,
      feedForward: experts.feedForward.value,
      denseLayers: experts.denseLayers.value,
    },
    latentAttention: latent && {
      queryRank: latent.queryRank.value,
      keyValueRank: latent.keyValueRank.value,
      ropeDim: latent.ropeDim.value,
      valueDim: latent.valueDim.value,
    },
  };
}
