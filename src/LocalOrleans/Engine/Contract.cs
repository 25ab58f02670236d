using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>A grain contract: the class behind it, and what its references are made of.</summary>
internal sealed record Contract(GrainClass Class, ProxyType Proxy)
{
    public GrainReference CreateReference(string key) => Proxy.Create(Class, key);
}
