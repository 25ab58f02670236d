namespace LlmObserve.Storage.Ledger;

/// <summary>
/// What the rows of R6 tell apart beside the customer. The numbers are those of PostgreSQL's <c>grouping(provider, model, agent)</c>: a bit
/// for each that is not told apart.
/// </summary>
internal enum StretchNarrowing : short
{
    ProviderModelAgent = 0b000,
    ProviderModel = 0b001,
    ProviderAgent = 0b010,
    Provider = 0b011,
    Agent = 0b110,
    None = 0b111,
}
