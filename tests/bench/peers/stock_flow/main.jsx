/**
 * React Flow as its manual starts it: controlled nodes and edges, Background, Controls and MiniMap,
 * memoised nodes, no option of ours. Only `panOnScroll`, so that a wheel pans as it does in Treadle,
 * and `minZoom`, so that the whole graph fits.
 */
import {
  Background,
  Controls,
  Handle,
  MiniMap,
  Position,
  ReactFlow,
  useEdgesState,
  useNodesState,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { memo, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import "./stock.css";

const Step = memo(function Step({ data }) {
  return (
    <div className={`card card--${data.status}`}>
      <Handle type="target" position={Position.Left} />
      <span className="card__icon">●</span>
      <span className="card__words">
        <strong>{data.title}</strong>
        <small>{data.tool}</small>
      </span>
      <span className="card__status">{data.status}</span>
      <Handle type="source" position={Position.Right} />
    </div>
  );
});

const nodeTypes = { step: Step };

function Page({ graph }) {
  const [nodes, setNodes, onNodesChange] = useNodesState(nodesOf(graph));
  const [edges, , onEdgesChange] = useEdgesState(edgesOf(graph));
  const [flow, setFlow] = useState(null);
  useEffect(() => {
    if (!flow) return;
    const change = (id, patch) =>
      setNodes((old) => old.map((node) => (node.id === id ? { ...node, ...patch(node) } : node)));
    window.bench = {
      wholeGraph: () => flow.fitView({ padding: 0.05 }),
      fullSize: () => flow.setViewport({ x: 40, y: 40, zoom: 1 }),
      status: (id, status) => change(id, (node) => ({ data: { ...node.data, status } })),
      move: (id, x, y) => change(id, () => ({ position: { x, y } })),
    };
  }, [flow, setNodes]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      nodeTypes={nodeTypes}
      onInit={setFlow}
      minZoom={0.02}
      panOnScroll
    >
      <Background />
      <Controls />
      <MiniMap />
    </ReactFlow>
  );
}

function nodesOf(graph) {
  return Object.entries(graph.nodes).map(([id, spec]) => ({
    id,
    type: "step",
    position: { x: graph.layout[id][0], y: graph.layout[id][1] },
    data: { title: id, tool: spec.tool ?? spec.type, status: "idle" },
  }));
}

function edgesOf(graph) {
  return graph.edges.map(({ id, from, to, when }) => ({
    id,
    source: from,
    target: to,
    ...(when ? { label: when } : {}),
  }));
}

const graph = await (await fetch(`./graph-${location.hash.slice(1)}.json`)).json();
createRoot(document.getElementById("flow")).render(<Page graph={graph} />);
