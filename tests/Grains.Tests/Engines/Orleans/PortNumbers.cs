using Orleans.TestingHost;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>Silos of one process reach each other in memory, so a port is only a part of a silo's name and need not be free.</summary>
internal sealed class PortNumbers : ITestClusterPortAllocator
{
    private const int FirstSilo = 20_000;
    private const int FirstGateway = 40_000;

    private int _taken;

    public (int, int) AllocateConsecutivePortPairs(int numPorts)
    {
        var before = Interlocked.Add(ref _taken, numPorts) - numPorts;
        return (FirstSilo + before, FirstGateway + before);
    }

    public void Dispose()
    {
    }
}
