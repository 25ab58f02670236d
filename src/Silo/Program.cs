using System.CommandLine;
using LlmObserve.Silo;

// The commands handle signals themselves: a stop takes as long as finishing the work does.
return await CommandLine.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
